// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.image;

/** What was sent cannot be taken as an image; the message says why, in words for the client. */
public final class ImageException extends Exception {
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

    public ImageException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public ImageException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /**
     * The refusal of an image of more pixels than are taken.
     *
     * @param what names the image
     */
    static ImageException tooManyPixels(String what, int width, int height, int taken) {
        return new ImageException(
                Reason.TOO_LARGE,
                what + " has " + width + " x " + height + " = " + (long) width * height + " pixels, more than the "
                        + taken + " that are taken");
    }

    public Reason reason() {
        return reason;
    }
}
