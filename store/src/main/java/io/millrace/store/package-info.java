// SPDX-License-Identifier: Apache-2.0

/**
 * What every service does with the checkpoint store, once: its address and settings, objects in S3, and the watch on it. A
 * store in a directory touches none of the classes of S3.
 */
package io.millrace.store;
