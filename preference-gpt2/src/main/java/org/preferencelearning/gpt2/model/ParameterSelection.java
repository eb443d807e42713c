package org.preferencelearning.gpt2.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/**
 * Which parameters of a model are trained; the others are frozen. An inert value with a text form:
 * {@code frozen:embeddings,blocks(0..15)}, {@code only:head}, {@code all} or {@code none}.
 *
 * @param only whether the groups are what is trained, rather than what is frozen
 * @param groups the groups; none of them stands for the empty set
 */
public record ParameterSelection(boolean only, List<ParameterGroup> groups) {
    private static final String ALL = "all";
    private static final String NONE = "none";
    private static final String ONLY = "only:";
    private static final String FROZEN = "frozen:";

    public ParameterSelection {
        groups = ImmutableList.copyOf(groups);
    }

    /** Everything is trained. */
    public static ParameterSelection all() {
        return new ParameterSelection(false, List.of());
    }

    /** Nothing is trained, as in a reference policy. */
    public static ParameterSelection none() {
        return new ParameterSelection(true, List.of());
    }

    /** Everything but these groups is trained. */
    public static ParameterSelection frozen(ParameterGroup... groups) {
        return new ParameterSelection(false, List.of(groups));
    }

    /** These groups alone are trained. */
    public static ParameterSelection only(ParameterGroup... groups) {
        return new ParameterSelection(true, List.of(groups));
    }

    /** A reward model's scalar head alone: a linear reward on frozen features. */
    public static ParameterSelection onlyHead() {
        return only(ParameterGroup.head());
    }

    /** A reward model's scalar head and the feed-forward part of the last block. */
    public static ParameterSelection onlyLastBlockMlpAndHead() {
        return only(ParameterGroup.lastMlp(), ParameterGroup.head());
    }

    /**
     * Reads the text form.
     *
     * @throws SettingException if it is none
     */
    @JsonCreator
    public static ParameterSelection parse(String text) {
        if (text.equals(ALL)) {
            return all();
        }
        if (text.equals(NONE)) {
            return none();
        }
        boolean only = text.startsWith(ONLY);
        SettingException.require(
                only || text.startsWith(FROZEN),
                "parameters",
                text,
                "all, none, only:GROUP[,GROUP...] or frozen:GROUP[,GROUP...]");
        List<String> parts = Splitter.on(',').splitToList(text.substring((only ? ONLY : FROZEN).length()));
        return new ParameterSelection(
                only, parts.stream().map(ParameterGroup::parse).toList());
    }

    /**
     * Checks it for a model before there is one.
     *
     * @param score whether it is a reward model
     * @throws SettingException if a group holds none of the model's parameters, or blocks that it does not have
     */
    public void requireFits(Gpt2Config config, boolean score) {
        in(config, Gpt2Parameters.shapes(config, score).keySet());
    }

    /**
     * Which of a model's parameters are trained.
     *
     * @param names all of them
     * @throws SettingException if a group holds none of them
     */
    Predicate<String> in(Gpt2Config config, Collection<String> names) {
        for (ParameterGroup group : groups) {
            SettingException.require(
                    names.stream().anyMatch(name -> group.contains(name, config)),
                    "parameters",
                    group,
                    "a group that holds a parameter of the model");
        }
        return name -> groups.stream().anyMatch(group -> group.contains(name, config)) == only;
    }

    @JsonValue
    @Override
    public String toString() {
        if (groups.isEmpty()) {
            return only ? NONE : ALL;
        }
        return (only ? ONLY : FROZEN)
                + groups.stream().map(ParameterGroup::toString).collect(Collectors.joining(","));
    }
}
