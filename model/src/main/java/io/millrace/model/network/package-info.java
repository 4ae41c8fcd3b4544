// SPDX-License-Identifier: Apache-2.0

/**
 * Networks, described once as layers: names, weights and initial distributions as torchvision has them, whatever the size
 * of the images. A layer kind is one class.
 */
package io.millrace.model.network;
