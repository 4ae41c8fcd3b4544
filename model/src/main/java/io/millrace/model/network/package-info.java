// SPDX-License-Identifier: Apache-2.0

/** Networks: described once, written as TorchScript source for training, for scoring, and folded for serving. */
package io.millrace.model.network;
