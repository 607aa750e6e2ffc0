# `make demo` runs these commands from the top of the checkout; demo/contact-sheet.png shows their results.
imgconv open sample_images/astronaut.png gaussian --sigma 2 sobel save demo/astronaut-edges.png
imgconv open 'sample_images/*.png' gaussian --sigma 3 save 'demo/{stem}-blur.png'
imgconv open sample_images/coffee.jpg sharpen save demo/coffee-sharpen.jpg
imgconv open sample_images/chelsea.png unsharp --sigma 2 --amount 1.5 save demo/chelsea-unsharp.png
imgconv open sample_images/camera.png emboss save demo/camera-emboss.png
imgconv open sample_images/camera.png conv '1 2 1 x -1 0 1' save --range offset demo/camera-sobel-x.png
imgconv open sample_images/chart.png kirsch-n save demo/chart-kirsch-n.png
imgconv open sample_images/astronaut.png pencil-sketch save demo/astronaut-pencil.png
imgconv open sample_images/chelsea.png soft-glow save demo/chelsea-glow.png
imgconv open sample_images/coffee.jpg max-pool --size 4 save demo/coffee-max-pool.png
imgconv open sample_images/gradient16.png equalize save demo/gradient16-equalize.png
imgconv open sample_images/coffee.jpg ink save demo/coffee-ink.png
imgconv open sample_images/zone-plate.png box --size 5 save demo/zone-plate-box.png
imgconv open sample_images/transparent.png gaussian --sigma 6 save demo/transparent-soft.png
imgconv open sample_images/coffee.jpg gray equalize save demo/coffee-equalize.png
