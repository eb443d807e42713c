package org.preferencelearning.experiments.task;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.AnnotationIntrospector;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.HandlerInstantiator;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.NopAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.TypeIdResolver;
import com.fasterxml.jackson.databind.jsontype.TypeResolverBuilder;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.loss.RewardLoss;

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
            .handlerInstantiator(new WithCode())
            .build();

    private StudyMapper() {}

    private static JsonMapper.Builder strict() {
        return JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .addModule(new Jdk8Module())
                .addMixIn(PreferenceLoss.class, OpenLoss.class)
                .addMixIn(RewardLoss.class, OpenLoss.class);
    }

    /** Losses belong to the core, which knows nothing of studies. */
    @OpenKind
    private interface OpenLoss {}

    /** In keys, a user's class counts with its code. */
    private static final class WithCode extends HandlerInstantiator {
        @Override
        public @Nullable TypeIdResolver typeIdResolverInstance(
                MapperConfig<?> config, Annotated annotated, Class<?> resolver) {
            return resolver == KindResolver.class ? new CodeResolver() : null;
        }

        @Override
        public @Nullable JsonDeserializer<?> deserializerInstance(
                DeserializationConfig config, Annotated annotated, Class<?> type) {
            return null;
        }

        @Override
        public @Nullable KeyDeserializer keyDeserializerInstance(
                DeserializationConfig config, Annotated annotated, Class<?> type) {
            return null;
        }

        @Override
        public @Nullable JsonSerializer<?> serializerInstance(
                SerializationConfig config, Annotated annotated, Class<?> type) {
            return null;
        }

        @Override
        public @Nullable TypeResolverBuilder<?> typeResolverBuilderInstance(
                MapperConfig<?> config, Annotated annotated, Class<?> type) {
            return null;
        }
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
