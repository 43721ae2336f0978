// A second unit: a static of the same name, a struct that is only declared elsewhere.
struct opaque { int secret; double weight; };
static long static_long = 99;
struct opaque revealed = { 1, 2.0 };
enum shape { CIRCLE = 1, SQUARE };
long other_function(enum shape shape) {
  static_long += shape;
  return static_long + revealed.secret;
}
