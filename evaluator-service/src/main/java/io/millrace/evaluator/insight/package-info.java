// SPDX-License-Identifier: Apache-2.0
/** What a checkpoint has learnt and what not, for people: its mistakes and where it looked, figures by class, plots. */
package io.millrace.evaluator.insight;
