// SPDX-License-Identifier: Apache-2.0

/** The layers of one network for one size of images, with shapes, and the passes that read or rewrite them. */
package io.millrace.model.graph;
