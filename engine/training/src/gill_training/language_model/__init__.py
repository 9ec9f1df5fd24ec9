"""The frozen language model: GGUF in; ONNX graphs, an importer's recipe, a tokenizer and a torch twin out."""
