// SPDX-License-Identifier: Apache-2.0

/** Learning rates over the steps of a run. */
package io.millrace.model.schedule;
