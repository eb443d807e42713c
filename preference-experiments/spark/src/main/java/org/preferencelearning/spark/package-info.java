/** Studies on Apache Spark. */
package org.preferencelearning.spark;
