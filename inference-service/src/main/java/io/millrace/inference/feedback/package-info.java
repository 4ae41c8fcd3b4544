// SPDX-License-Identifier: Apache-2.0

/** What people say of answers: taken by any replica, kept in Kafka, added up by all of them. */
package io.millrace.inference.feedback;
