package org.preferencelearning.experiments.study;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.annotation.JsonTypeIdResolver;
import java.util.List;
import java.util.Map;
import org.preferencelearning.experiments.task.KindResolver;

/**
 * What is to be found out: cells, each one measurement of one method, and claims about them. A study is an inert record, is
 * JSON both ways ({@link StudyJson}), and is run by something else.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.CUSTOM, property = "kind")
@JsonTypeIdResolver(KindResolver.class)
public interface Study {
    /** What it is called. */
    String name();

    /** What it expects. */
    List<Claim> claims();

    /**
     * The cells, in the order of tables. Cells that differ in one coordinate are comparable.
     *
     * @param contents hashes of the files that the study names, which are part of what a cell is
     */
    List<Cell> cells(Contents contents);

    /** The coordinates of its cells, such as method, size and seed, with their values in the order of tables. */
    @JsonIgnore
    Map<String, List<String>> coordinates();

    /** What its cells measure, and claims may be about; units are those of the rows. */
    @JsonIgnore
    List<String> metrics();
}
