package gill.web.load;

/// How one request was answered. Times are milliseconds from the sending.
///
/// @param status of HTTP; 0 = the connection failed
/// @param retryAfter whether the answer said when to come again
/// @param text until the first text; NaN = none came
/// @param image until the image or its address; NaN = none came
/// @param end until the whole answer
record Timing(int status, boolean retryAfter, double text, double image, double end) {
  boolean accepted() {
    return status == 200;
  }

  boolean refused() {
    return (status == 429 || status == 503) && retryAfter;
  }
}
