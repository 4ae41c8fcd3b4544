// SPDX-License-Identifier: Apache-2.0
package io.millrace.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a checkpoint store is. {@link #toString()} gives an address that {@link #of} reads. */
public sealed interface StoreAddress {
    /**
     * Reads one: {@code file:/absolute/path} or {@code s3://bucket/prefix}.
     *
     * @throws IllegalArgumentException when it is none, saying what it lacks
     */
    static StoreAddress of(String address) {
        int colon = address.indexOf(':');
        String scheme = colon < 0 ? "" : address.substring(0, colon);
        return switch (scheme) {
            case "file" -> InDirectory.of(address);
            case "s3" -> InS3.of(address);
            case "" -> throw refused(address, "it names no kind of store");
            default -> throw refused(address, "there is no store of the kind \"" + scheme + "\"");
        };
    }

    private static IllegalArgumentException refused(String address, String why) {
        return new IllegalArgumentException("\"" + address + "\" is no address of a checkpoint store: " + why
                + ". Write file:/absolute/path or s3://bucket/prefix");
    }

    /**
     * A directory, of this machine or mounted by it.
     *
     * @param path absolute
     */
    record InDirectory(Path path) implements StoreAddress {
        private static InDirectory of(String address) {
            String path = path(address);
            if (!path.startsWith("/")) {
                throw refused(address, "a relative path is another directory for each service");
            }
            if (path.startsWith("//")) {
                throw refused(address, "a file has no host");
            }
            return new InDirectory(Path.of(path).normalize());
        }

        /** Decoded as of a URI; what is none, because of a blank for example, is taken as it stands. */
        private static String path(String address) {
            String plain = address.replaceFirst("^file:(//(?=/))?", "");
            try {
                String decoded = new URI("file:" + plain).getPath();
                return decoded == null || plain.startsWith("//") ? plain : decoded;
            } catch (URISyntaxException e) {
                return plain;
            }
        }

        @Override
        public String toString() {
            try {
                // Not Path.toUri(), which asks the disk whether it is a directory.
                return new URI("file", null, path.toString(), null).toString();
            } catch (URISyntaxException e) {
                throw new IllegalStateException("an absolute path makes a URI", e);
            }
        }
    }

    /**
     * Objects of a bucket.
     *
     * @param bucket its name
     * @param prefix of all keys: names with slashes between them; empty for none
     */
    record InS3(String bucket, String prefix) implements StoreAddress {
        private static final Pattern ADDRESS = Pattern.compile("s3://([^/]*)(?:/(.*))?");
        /** General purpose buckets: docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html. */
        private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
        /** Safe characters: docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html. */
        private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9!_.*'()/-]*");

        private static InS3 of(String address) {
            Matcher parts = ADDRESS.matcher(address);
            if (!parts.matches()) {
                throw refused(address, "two slashes and a bucket follow s3:");
            }
            String prefix = parts.group(2) == null ? "" : parts.group(2).replaceFirst("/$", "");
            if (!BUCKET.matcher(parts.group(1)).matches()) {
                throw refused(
                        address,
                        "a bucket has 3 to 63 lower-case letters, digits, dots and hyphens. Where it is served goes into"
                                + " millrace.checkpoints.s3.endpoint, and keys into AWS_ACCESS_KEY_ID and"
                                + " AWS_SECRET_ACCESS_KEY");
            }
            if (!PREFIX.matcher(prefix).matches()
                    || ("/" + prefix + "/").matches(prefix.isEmpty() ? "" : ".*/\\.{0,2}/.*")) {
                throw refused(
                        address, "a prefix has letters, digits and !_.*'()- in its names, and single slashes between");
            }
            return new InS3(parts.group(1), prefix);
        }

        @Override
        public String toString() {
            return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
        }
    }
}
