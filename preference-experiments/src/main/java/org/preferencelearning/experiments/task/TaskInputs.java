package org.preferencelearning.experiments.task;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Looks into tasks, which are records. */
final class TaskInputs {
    private TaskInputs() {}

    /** The components by name; those that are not part of the key only if {@code places}. */
    static Map<String, Object> components(Task<?> task, boolean places) {
        RecordComponent[] components = task.getClass().getRecordComponents();
        if (components == null) {
            throw new IllegalArgumentException(task.getClass().getName() + ": a task must be a record");
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (RecordComponent component : components) {
            if (places || !component.isAnnotationPresent(NotInKey.class)) {
                values.put(component.getName(), value(task, component));
            }
        }
        return values;
    }

    /** The tasks among the components. */
    static List<Task<?>> of(Task<?> task) {
        List<Task<?>> inputs = new ArrayList<>();
        components(task, false).values().forEach(value -> {
            if (value instanceof Task<?> input) {
                inputs.add(input);
            } else if (value instanceof Iterable<?> several) {
                several.forEach(one -> {
                    if (one instanceof Task<?> input) {
                        inputs.add(input);
                    }
                });
            }
        });
        return inputs;
    }

    private static Object value(Object owner, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(owner);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    owner.getClass().getName() + "." + component.getName() + " cannot be read", e);
        }
    }
}
