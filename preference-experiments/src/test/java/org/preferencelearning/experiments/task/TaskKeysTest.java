package org.preferencelearning.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskKeysTest {
    /** A task of somebody else's. */
    record Count(@NotInKey String path, String content, Map<String, Integer> settings, List<Count> needs)
            implements Task<Integer> {
        @Override
        public Integer run(TaskContext context) {
            return 0;
        }

        @Override
        public Codec<Integer> codec() {
            return Codec.json(Integer.class);
        }

        @Override
        public String label() {
            return "count";
        }
    }

    private final TaskKeys keys = new TaskKeys();

    private static Count count(String path, String content, Map<String, Integer> settings, Count... inputs) {
        return new Count(path, content, settings, List.of(inputs));
    }

    @Test
    void aKeyDependsOnSettingsAndInputsAndNotOnPlacesOrTheOrderOfNames() {
        TaskKey key = keys.of(count("here", "a", Map.of("x", 1, "y", 2)));
        assertThat(key.kind()).isEqualTo(Count.class.getName());
        assertThat(key.sha256()).hasSize(64);
        assertThat(key.folder()).matches("TaskKeysTest\\$Count-[0-9a-f]{16}");
        assertThat(keys.of(count("there", "a", Map.of("y", 2, "x", 1)))).isEqualTo(key);
        assertThat(keys.of(count("here", "b", Map.of("x", 1, "y", 2)))).isNotEqualTo(key);
        assertThat(keys.of(count("here", "a", Map.of("x", 1, "y", 3)))).isNotEqualTo(key);
        Count first = count("here", "a", Map.of());
        Count second = count("here", "b", Map.of());
        TaskKey both = keys.of(count("here", "c", Map.of(), first, second));
        assertThat(keys.of(count("here", "c", Map.of(), second, first))).isNotEqualTo(both);
        assertThat(keys.of(count("there", "c", Map.of(), count("there", "a", Map.of()), second)))
                .isEqualTo(both);
        assertThat(keys.of(count("here", "c", Map.of(), count("here", "z", Map.of()), second)))
                .isNotEqualTo(both);
    }

    /** A class that is moved keeps its short name, or what was computed is found no more. */
    @Test
    void everyShortNameIsThatOfAClass() throws ClassNotFoundException {
        for (Map.Entry<String, String> entry : KindResolver.shortNames().entrySet()) {
            Class<?> type = Class.forName(entry.getValue(), false, TaskKeysTest.class.getClassLoader());
            assertThat(KindResolver.kind(type)).isEqualTo(entry.getKey());
        }
    }

    /** What somebody's code computes changes with the code, which no component tells. */
    @Test
    void aKeyHasTheCodeOfAForeignTask() throws IOException {
        String code = Hashing.sha256()
                .hashBytes(Resources.toByteArray(Resources.getResource(Count.class, "TaskKeysTest$Count.class")))
                .toString();
        assertThat(CodeResolver.kindWithCode(Count.class)).isEqualTo(Count.class.getName() + " " + code);
        assertThat(keys.of(count("here", "a", Map.of())).sha256())
                .isEqualTo(TaskKeys.sha256("{\"kind\":\"" + Count.class.getName() + " " + code
                        + "\",\"content\":\"a\",\"needs\":[],\"settings\":{}}"));
    }

    /** Each task holds the one before it twice: written out, the last would be larger than any memory. */
    @Test
    void aLongChainHasAKeyAtOnce() {
        Count task = count("", "0", Map.of());
        for (int i = 1; i < 200; i++) {
            task = count("", Integer.toString(i), Map.of(), task, task);
        }
        assertThat(keys.of(task).sha256()).hasSize(64);
        assertThat(new String(keys.describe(task), StandardCharsets.UTF_8)).hasSizeLessThan(2000);
    }

    @Test
    void aDescriptionTellsPlacesToo() {
        assertThat(new String(keys.describe(count("here", "a", Map.of())), StandardCharsets.UTF_8))
                .contains("\"path\" : \"here\"", "\"label\" : \"count\"");
    }

    @Test
    void onlyRecordsAreTasks() {
        Task<Integer> task = new Task<>() {
            @Override
            public Integer run(TaskContext context) {
                return 0;
            }

            @Override
            public Codec<Integer> codec() {
                return Codec.none();
            }

            @Override
            public String label() {
                return "none";
            }
        };
        assertThatThrownBy(() -> keys.of(task))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be a record");
    }
}
