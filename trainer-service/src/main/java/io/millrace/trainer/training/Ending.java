// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.training;

import io.millrace.contracts.event.RunStatus;

/** The last status of a run, and what it is counted as. */
record Ending(RunStatus status, Outcome outcome) {}
