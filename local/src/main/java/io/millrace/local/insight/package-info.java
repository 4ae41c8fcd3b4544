// SPDX-License-Identifier: Apache-2.0

/** What a run learnt, for people: {@code millrace report} and {@code millrace tensorboard}. */
package io.millrace.local.insight;
