/** What a GPT-2 is: its configuration, its adapters, its activation and the precision of its products. */
package org.preferencelearning.gpt2.graph;
