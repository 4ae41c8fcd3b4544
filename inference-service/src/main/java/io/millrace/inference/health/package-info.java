// SPDX-License-Identifier: Apache-2.0

/** What the probes see: ready means that a model is loaded and warm, whatever the broker does. */
package io.millrace.inference.health;
