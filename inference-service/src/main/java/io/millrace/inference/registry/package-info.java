// SPDX-License-Identifier: Apache-2.0

/** Which model is served: follows the promotions, loads beside, switches at once, closes what nobody uses any more. */
package io.millrace.inference.registry;
