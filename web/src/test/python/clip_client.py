"""clip-retrieval's ClipClient, as it is, against a server whose address is the first argument.

Its module is loaded by file, as the package around it needs PyTorch. The second argument is a picture's path.
"""
import importlib.util
import pathlib
import sys

package = importlib.util.find_spec("clip_retrieval").submodule_search_locations[0]
spec = importlib.util.spec_from_file_location("clip_client", pathlib.Path(package) / "clip_client.py")
clip_client = importlib.util.module_from_spec(spec)
spec.loader.exec_module(clip_client)

client = clip_client.ClipClient(url=sys.argv[1] + "/knn-service", indice_name="icons", num_images=3)
for query in ({"text": "an apple"}, {"image": sys.argv[2]}, {"embedding_input": [1, 2, 3, 4]}):
    hits = client.query(**query)
    assert len(hits) == 3, hits
    assert hits[0]["caption"] == "red apple", hits
    assert hits[0]["url"] == "/v1/images/noto/red-apple", hits
    assert hits[0]["similarity"] > hits[1]["similarity"], hits
print("ok")
