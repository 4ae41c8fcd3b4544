// SPDX-License-Identifier: Apache-2.0

/** A picture to try the served model with. */
package io.millrace.local.sample;
