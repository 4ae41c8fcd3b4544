// SPDX-License-Identifier: Apache-2.0

/**
 * The <a href="https://github.com/huggingface/safetensors#format">safetensors</a> format: eight bytes of header length,
 * a JSON header, raw little-endian tensors. Written as a stream, read without copying.
 */
package io.millrace.contracts.safetensors;
