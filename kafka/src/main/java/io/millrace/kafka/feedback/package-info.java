// SPDX-License-Identifier: Apache-2.0
/** What people say of answers, added up: how often each version was right. */
package io.millrace.kafka.feedback;
