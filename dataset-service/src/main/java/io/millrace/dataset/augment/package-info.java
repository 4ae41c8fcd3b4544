// SPDX-License-Identifier: Apache-2.0

/** What is done to training images before they are published. */
package io.millrace.dataset.augment;
