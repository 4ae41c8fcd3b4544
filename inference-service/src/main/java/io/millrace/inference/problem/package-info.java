// SPDX-License-Identifier: Apache-2.0

/** Every refusal as {@code application/problem+json}. */
package io.millrace.inference.problem;
