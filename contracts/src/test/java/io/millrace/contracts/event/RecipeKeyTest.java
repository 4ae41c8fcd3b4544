// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecipeKeyTest {
    @Test
    void everyKeyOfARecipeIsDocumentedAndNoOther() {
        Set<String> keys = new LinkedHashSet<>();
        collect(Recipe.class, "", keys);

        assertThat(RecipeKey.all()).extracting(RecipeKey::path).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(RecipeKey.all())
                .allSatisfy(key -> assertThat(key.meaning()).isNotBlank())
                .allSatisfy(key -> assertThat(key.otherwise()).isNotBlank());
    }

    private static void collect(Class<?> record, String way, Set<String> keys) {
        for (RecordComponent component : record.getRecordComponents()) {
            Class<?> type = type(component.getGenericType());
            String path = way + component.getName();
            if (type.isSealed()) {
                keys.add(path + ".kind");
                ByKind.kinds(type).values().forEach(kind -> collect(kind, path + ".", keys));
            } else if (type.isRecord()) {
                collect(type, path + ".", keys);
            } else {
                keys.add(path);
            }
        }
    }

    /** Of a list, that of its elements. */
    private static Class<?> type(Type type) {
        return type instanceof ParameterizedType list ? (Class<?>) list.getActualTypeArguments()[0] : (Class<?>) type;
    }
}
