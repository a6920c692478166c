/* The bare runtime in C: what start-up is measured above. */
int main(void) {
    return 0;
}
