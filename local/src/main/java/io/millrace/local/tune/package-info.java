// SPDX-License-Identifier: Apache-2.0

/** The search for hyper-parameters by successive halving: what is drawn, what goes on, who won. */
package io.millrace.local.tune;
