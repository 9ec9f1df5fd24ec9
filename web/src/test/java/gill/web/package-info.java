/// Tests of the server against engines that do as they are told, and of the whole with a browser.
@NullMarked
package gill.web;

import org.jspecify.annotations.NullMarked;
