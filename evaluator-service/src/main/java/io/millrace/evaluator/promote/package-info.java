// SPDX-License-Identifier: Apache-2.0
/** Which checkpoint is to be served under a model's name. */
package io.millrace.evaluator.promote;
