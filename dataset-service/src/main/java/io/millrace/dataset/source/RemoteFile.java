// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source;

/**
 * A file that mirrors have.
 *
 * @param name as mirrors and the cache call it
 * @param algorithm of the digest: {@code SHA-256}, or {@code MD5} where its publisher gives nothing else
 * @param digest hex
 * @param ofContent whether it is the digest of what the gzipped file unpacks to, and not of the file
 */
record RemoteFile(String name, String algorithm, String digest, boolean ofContent) {
    /** A gzipped file, by the SHA-256 of its content: mirrors may have packed it differently. */
    static RemoteFile ofContent(String name, String sha256) {
        return new RemoteFile(name, "SHA-256", sha256, true);
    }

    /** A file by its MD5. */
    static RemoteFile ofMd5(String name, String md5) {
        return new RemoteFile(name, "MD5", md5, false);
    }
}
