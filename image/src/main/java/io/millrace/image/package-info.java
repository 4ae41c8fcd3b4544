// SPDX-License-Identifier: Apache-2.0

/**
 * From the bytes of a file to the picture that a network takes, one way for training and serving:
 * {@link io.millrace.image.PictureReader} reads, {@link io.millrace.image.Fitting} fits. Knows neither HTTP nor the network.
 */
package io.millrace.image;
