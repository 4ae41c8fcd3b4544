// SPDX-License-Identifier: Apache-2.0
/** How the page reaches the other services: what it asks them passes through here, with its caller's token. */
package io.millrace.inference.page;
