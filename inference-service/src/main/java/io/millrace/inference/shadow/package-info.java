// SPDX-License-Identifier: Apache-2.0

/** What a version would have answered that is not served: asked after the answer, and only compared with it. */
package io.millrace.inference.shadow;
