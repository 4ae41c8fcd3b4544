// SPDX-License-Identifier: Apache-2.0
/** Runs that are trained again, to see whether the same comes out: a program of its own, which writes nothing. */
package io.millrace.trainer.replay;
