// SPDX-License-Identifier: Apache-2.0
package io.millrace.test;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Certificates of an authority of its own, made when it is made, by the JDK's {@code keytool}. Every store is PKCS 12 and
 * has the password {@link #PASSWORD}.
 */
final class Certificates {
    static final String PASSWORD = "millrace-test";

    private static final String AUTHORITY = "authority";
    private static final String BROKER = "broker";

    private final Path directory;
    private final Path trust;
    private final Path strangers;
    private final Path valid;
    private final Path expired;

    Certificates(Path directory) {
        this.directory = directory;
        try {
            authority(AUTHORITY);
            authority("stranger");
            this.trust = trust(AUTHORITY);
            this.strangers = trust("stranger");
            key(BROKER, "-dname", "CN=localhost");
            byte[] request = keytool(new byte[0], BROKER, "-certreq");
            this.valid = signed("valid", request, "-startdate", "-1d", "-validity", "30");
            this.expired = signed("expired", request, "-startdate", "-30d", "-validity", "10");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The truststore with the authority's certificate. */
    Path trust() {
        return trust;
    }

    /** The authority's certificate as PEM. */
    String authority() {
        try {
            byte[] certificate = load(AUTHORITY).getCertificate(AUTHORITY).getEncoded();
            return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(certificate)
                    + "\n-----END CERTIFICATE-----\n";
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A truststore with that of another authority. */
    Path strangers() {
        return strangers;
    }

    /** The keystore of {@code localhost}. */
    Path valid() {
        return valid;
    }

    /** The keystore of {@code localhost} with a certificate that ran out. */
    Path expired() {
        return expired;
    }

    private void authority(String name) throws IOException {
        key(name, "-dname", "CN=" + name, "-ext", "bc:c", "-ext", "ku:c=keyCertSign");
    }

    private void key(String name, String... more) throws IOException {
        List<String> all = new ArrayList<>(List.of("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1"));
        all.addAll(List.of(more));
        keytool(new byte[0], name, all.toArray(String[]::new));
    }

    private Path trust(String authority) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(authority, load(authority).getCertificate(authority));
        return save(store, authority + "-trust");
    }

    private Path signed(String name, byte[] request, String... period) throws IOException, GeneralSecurityException {
        List<String> all = new ArrayList<>(List.of("-gencert", "-ext", "san=dns:localhost,ip:127.0.0.1"));
        all.addAll(List.of(period));
        byte[] answer = keytool(request, AUTHORITY, all.toArray(String[]::new));
        Certificate certificate =
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(answer));
        KeyStore store = load(BROKER);
        Key key = store.getKey(BROKER, PASSWORD.toCharArray());
        Certificate issuer = load(AUTHORITY).getCertificate(AUTHORITY);
        store.setKeyEntry(BROKER, key, PASSWORD.toCharArray(), new Certificate[] {certificate, issuer});
        return save(store, name);
    }

    private Path store(String name) {
        return directory.resolve(name + ".p12");
    }

    private KeyStore load(String name) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store(name))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private Path save(KeyStore store, String name) throws IOException, GeneralSecurityException {
        try (OutputStream out = Files.newOutputStream(store(name))) {
            store.store(out, PASSWORD.toCharArray());
        }
        return store(name);
    }

    /** Runs it on the store of a name, under the alias of that name; what it printed. */
    private byte[] keytool(byte[] input, String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", name, "-keystore", store(name).toString(), "-storetype", "PKCS12"));
        command.addAll(List.of("-storepass", PASSWORD));
        Path said = Files.createTempFile(directory, "keytool-", ".txt");
        Process process =
                new ProcessBuilder(command).redirectError(said.toFile()).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        }
        byte[] output = process.getInputStream().readAllBytes();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command + ": " + new String(output) + Files.readString(said));
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return output;
    }
}
