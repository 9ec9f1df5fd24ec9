/// LangChain4j's `ImageModel` and `ContentRetriever` over a GILL server.
@NullMarked
package gill.langchain4j;

import org.jspecify.annotations.NullMarked;
