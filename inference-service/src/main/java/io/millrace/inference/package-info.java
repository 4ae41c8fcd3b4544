// SPDX-License-Identifier: Apache-2.0

/** The inference-service: classifies images with the model that was promoted last, and never blinks when it changes. */
package io.millrace.inference;
