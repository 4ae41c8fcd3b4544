// SPDX-License-Identifier: Apache-2.0

/**
 * Event files for TensorBoard: {@code millrace tensorboard}. Knows nothing of TensorFlow: a file is a row of records, a
 * record a message of protobuf, and few fields of few messages are needed.
 */
package io.millrace.local.tensorboard;
