// SPDX-License-Identifier: Apache-2.0

/** Pictures that clients send as JSON. Knows neither HTTP nor the network. */
package io.millrace.inference.image;
