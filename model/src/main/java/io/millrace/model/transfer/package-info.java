// SPDX-License-Identifier: Apache-2.0
/** Weights that were trained elsewhere, made to fit a network as far as that makes sense, and refused where it does not. */
package io.millrace.model.transfer;
