package org.preferencelearning.experiments.task;

import com.fasterxml.jackson.databind.AnnotationIntrospector;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.NopAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** How studies, tasks and results become JSON: nothing unknown, missing or null is taken when they are read. */
public final class StudyMapper {
    private static final ObjectMapper PRETTY =
            strict().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final ObjectMapper LINE = strict().build();
    private static final ObjectMapper CANONICAL = strict().enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .annotationIntrospector(AnnotationIntrospector.pair(
                    new WithoutPlaces(), new com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector()))
            .build();

    private StudyMapper() {}

    private static JsonMapper.Builder strict() {
        return JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);
    }

    /** For files that people read. */
    public static ObjectMapper pretty() {
        return PRETTY;
    }

    /** For JSON lines. */
    public static ObjectMapper line() {
        return LINE;
    }

    /** For keys: one spelling of equal values, without what is {@link NotInKey}. */
    static ObjectMapper canonical() {
        return CANONICAL;
    }

    private static final class WithoutPlaces extends NopAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public boolean hasIgnoreMarker(AnnotatedMember member) {
            return member.hasAnnotation(NotInKey.class);
        }
    }
}
