// SPDX-License-Identifier: Apache-2.0

/** The runs: how one is ordered, checked, remembered and shown. */
package io.millrace.dataset.run;
