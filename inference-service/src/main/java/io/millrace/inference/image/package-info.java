// SPDX-License-Identifier: Apache-2.0

/** From what a client sends to the 8-bit pixels that the served network takes. Knows neither HTTP nor the network. */
package io.millrace.inference.image;
