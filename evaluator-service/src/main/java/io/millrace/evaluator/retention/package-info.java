// SPDX-License-Identifier: Apache-2.0
/** Which checkpoints stay in the store. */
package io.millrace.evaluator.retention;
