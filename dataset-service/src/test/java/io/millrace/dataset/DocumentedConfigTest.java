// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DocumentedConfigTest {
    private static final Pattern KEY = Pattern.compile("`([a-z0-9.-]+)`");

    @Test
    void everyKeyIsDocumentedAndEveryDocumentedKeyExists() throws IOException {
        assertThat(documented()).isEqualTo(keys("millrace.dataset.", DatasetConfig.class));
    }

    private static Set<String> keys(String prefix, Class<?> mapping) {
        Set<String> keys = new TreeSet<>();
        for (Method method : mapping.getDeclaredMethods()) {
            String key = prefix + method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            Class<?> type = method.getReturnType();
            if (type.isInterface() && type.getNestHost() == DatasetConfig.class) {
                keys.addAll(keys(key + ".", type));
            } else {
                keys.add(key);
            }
        }
        return keys;
    }

    /** The first cell of each row; {@code `a.b.c`, `.d`} stands for {@code a.b.c} and {@code a.b.d}. */
    private static Set<String> documented() throws IOException {
        Set<String> keys = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of("../docs/operations.md"))) {
            if (line.startsWith("| `millrace.dataset.")) {
                Matcher key = KEY.matcher(line.substring(0, line.indexOf(" | ", 2)));
                String prefix = "";
                while (key.find()) {
                    String name = key.group(1).startsWith(".") ? prefix + key.group(1) : key.group(1);
                    prefix = name.substring(0, name.lastIndexOf('.'));
                    keys.add(name);
                }
            }
        }
        return keys;
    }
}
