// SPDX-License-Identifier: Apache-2.0

/** What this service refuses, as {@code application/problem+json}. */
package io.millrace.inference.problem;
