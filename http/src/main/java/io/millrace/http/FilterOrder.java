// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

/**
 * In which order a request passes what stands before the resources: the highest number first. Between them Quarkus has CORS
 * at 300, asks who the caller is at 200, and whether they may at 100. So nothing of a body is read for whoever may not.
 */
public final class FilterOrder {
    /** What is said of every request, refused ones included. */
    public static final int TRACE = 500;

    /** Whether the path has the form of a path. */
    public static final int PATH = 450;

    /** Whether the request comes from where it may come from. */
    public static final int CALLER = 400;

    /** Bodies that go to a file as they come. */
    public static final int UPLOAD = 90;

    /** Whether what is asked for is what the request accepts. */
    public static final int ACCEPT = 88;

    /** What a request has before its body comes: a deadline. */
    public static final int TICKET = 85;

    /** Bodies that are held in memory. */
    public static final int BODY = 80;

    /** How a body that has come is packed. */
    public static final int CODING = 70;

    /** What is done with a body that has come. */
    public static final int ARRIVED = 60;

    /** What another service answers. */
    public static final int PASSED_ON = 55;

    /** What a body is, for whom it is routed to. */
    public static final int BODY_TYPE = 50;

    private FilterOrder() {}
}
