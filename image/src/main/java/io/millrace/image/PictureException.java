// SPDX-License-Identifier: Apache-2.0
package io.millrace.image;

/** What there is cannot be taken as a picture; the message says why, in words for whoever sent it. */
public final class PictureException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Kinds of refusal. */
    public enum Reason {
        /** There is nothing, or it is not even well-formed. */
        MALFORMED,
        /** It is no image, or of a format that is not read. */
        UNSUPPORTED,
        /** More than is taken. */
        TOO_LARGE,
        /** It claims to be an image but cannot be read as one. */
        UNREADABLE
    }

    private final Reason reason;

    public PictureException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public PictureException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /**
     * The refusal of an image of more pixels than are taken.
     *
     * @param what names the image
     */
    public static PictureException tooManyPixels(String what, int width, int height, int taken) {
        return new PictureException(
                Reason.TOO_LARGE,
                what + " has " + width + " x " + height + " = " + (long) width * height + " pixels, more than the "
                        + taken + " that are taken; scale it down");
    }

    public Reason reason() {
        return reason;
    }
}
