package gill.engine.retrieval;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Hands the one [SolrCollectionPair] of a run to the tests that ask for it: starting servers takes
/// longer than most of the tests.
final class SharedSolr implements ParameterResolver {
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == SolrCollectionPair.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    return test.getRoot()
        .getStore(ExtensionContext.Namespace.create(SharedSolr.class))
        .computeIfAbsent(
            SolrCollectionPair.class, _ -> SolrCollectionPair.start(), SolrCollectionPair.class);
  }
}
